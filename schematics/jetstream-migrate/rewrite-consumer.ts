import { removeElements } from '../shared/edit/list-edits';
import { restyle } from '../shared/edit/restyle';
import type { TextEdit } from '../shared/edit/text-edit';
import { detectStyle } from '../shared/source/code-style';
import { findProperty, isStringLiteral } from '../shared/source/parse';
import { ts } from '../shared/source/typescript';
import { render } from '../shared/template/render';
import { optionValue } from './find-options';
import type { Decision, Rewrite } from './migrated-file';

/** Options of push consumers. Instances share a durable pull consumer without them. */
const PUSH = ['deliverGroup', 'deliverTo', 'deliverToSubject'];
/** Values that the plugin accepted and ignored. */
const IGNORED_REPLAY: ReadonlySet<string> = new Set(['All', 'ByStartSequence', 'ByStartTime']);
const DURATIONS = ['ackWait', 'idleHeartbeat', 'startAtTimeDelta'];
const NANOS_PER_SECOND = 1_000_000_000;

/** Rewrites `consumerOptions`. Consumers pull from now on, under new names. */
export function rewriteConsumer(source: ts.SourceFile, options: ts.ObjectLiteralExpression): Rewrite {
  const decisions: Decision[] = [];
  const edits: TextEdit[] = [];
  const decide = (node: ts.Node, sentence: string): void =>
    void decisions.push({ position: node.getStart(source), sentence });

  const replay = optionValue(options, 'replayPolicy');
  const isIgnored = isStringLiteral(replay) && IGNORED_REPLAY.has(replay.text);
  const gone = [...PUSH, 'maxMessages', ...(isIgnored ? ['replayPolicy'] : [])].flatMap(
    (name) => findProperty(options, name) ?? [],
  );
  edits.push(...removeElements(source, gone));
  if (findProperty(options, 'maxMessages'))
    decide(
      options,
      'maxMessages was removed. In the plugin it ended the subscription, but in the transport it is an alias of prefetch.',
    );

  const durable = findProperty(options, 'durable');
  if (options.properties.some(ts.isSpreadAssignment))
    decide(options, 'These options contain a spread, so compare them with the options of the transport.');
  if (durable)
    decide(
      durable,
      'The consumers get new names and lose their position. To continue where the plugin stopped, set startSequence before the first start.',
    );
  for (const name of DURATIONS) {
    const value = optionValue(options, name);
    if (!value || !ts.isNumericLiteral(value) || Number(value.text) < NANOS_PER_SECOND) continue;
    edits.push({ start: value.getStart(source), end: value.end, text: seconds(source, Number(value.text)) });
    decide(
      value,
      `${name} was read as nanoseconds, as in the README of the plugin. The plugin itself used milliseconds.`,
    );
  }
  return { edits, decisions };
}

function seconds(source: ts.SourceFile, nanos: number): string {
  const value = `${nanos / NANOS_PER_SECOND}s`;
  return restyle(render('jetstream-migrate/value.ts', { value, isConst: false }), detectStyle(source));
}
