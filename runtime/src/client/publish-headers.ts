import { PubHeaders } from '@nats-io/jetstream';
import { headers as emptyHeaders } from '@nats-io/transport-node';
import { headerText } from './outgoing-event';
import type { CheckedPublish } from './publish-options';

/** The headers of an event as they go over the wire: its own, and those that steer the server. */
export function publishHeaders(
  { headers: own, expect = {}, ttl }: Pick<CheckedPublish, 'headers' | 'expect' | 'ttl'>,
  messageId: string,
): string {
  const steering = [
    [PubHeaders.ExpectedLastMsgIdHdr, expect.lastMsgID],
    [PubHeaders.ExpectedStreamHdr, expect.streamName],
    [PubHeaders.ExpectedLastSeqHdr, expect.lastSequence],
    [PubHeaders.ExpectedLastSubjectSequenceHdr, expect.lastSubjectSequence],
    [PubHeaders.ExpectedLastSubjectSequenceSubjectHdr, expect.lastSubjectSequenceSubject],
    [PubHeaders.MessageTTL, ttl],
  ] as const;
  const headers = own ?? emptyHeaders();
  headers.set(PubHeaders.MsgIdHdr, messageId);
  for (const [name, value] of steering) if (value !== undefined && value !== '') headers.set(name, String(value));
  return headerText(headers);
}
