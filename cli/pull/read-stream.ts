import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { nearest } from '../command/nearest-name';
import { NatsCommandError } from '../nats/errors';
import type { StoredSubjects } from './subject-groups';

/** Listing more subjects takes seconds and megabytes. */
const MAX_LISTED_SUBJECTS = 20_000;
const SHOWN_STREAMS = 10;

/**
 * Reads the configuration and the state of a stream.
 * @throws NatsCommandError (`STREAM_NOT_FOUND`); errors of nats.js
 */
export async function readStream(manager: JetStreamManager, name: string): Promise<StreamInfo> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    const isUnknown = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
    throw isUnknown ? await unknownStream(manager, name, error) : error;
  }
}

/** Returns all subjects of a stream with their messages. Undefined if there are too many. */
export async function listSubjects(
  manager: JetStreamManager,
  { config, state }: StreamInfo,
): Promise<StoredSubjects | undefined> {
  const { num_subjects: subjects = 0 } = state;
  if (subjects === 0) return new Map();
  if (subjects > MAX_LISTED_SUBJECTS) return undefined;
  const listed = await manager.streams.info(config.name, { subjects_filter: '>' });
  return new Map(Object.entries(listed.state.subjects ?? {}));
}

async function unknownStream(manager: JetStreamManager, name: string, cause: unknown): Promise<NatsCommandError> {
  const names = await streamNames(manager);
  const meant = nearest(name, names);
  const suggestion = meant === undefined ? '' : ` Did you mean '${meant}'?`;
  const shown = [...names.slice(0, SHOWN_STREAMS), ...(names.length > SHOWN_STREAMS ? ['…'] : [])].join(', ');
  const known = names.length > 0 ? ` Known streams: ${shown}.` : ' Check --server, the credentials and --domain.';
  const message = `Stream '${name}' does not exist.${suggestion}${known}`;
  return new NatsCommandError('STREAM_NOT_FOUND', message, name, { cause });
}

/** Returns the names of all streams. Empty without the permission to list them. */
async function streamNames(manager: JetStreamManager): Promise<string[]> {
  try {
    const names: string[] = [];
    for await (const name of manager.streams.names()) names.push(name);
    return names.toSorted();
  } catch {
    return [];
  }
}
