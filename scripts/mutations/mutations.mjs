/**
 * Lines that keep the promise, broken one at a time, and the rows of the conformance suite that must notice.
 * `from` stands in `file` exactly once.
 */
export const mutations = [
  {
    name: 'acknowledge without waiting for the handler',
    file: 'settlement/process-message.ts',
    from: '? running\n',
    to: '? Promise.resolve(void running.catch(() => undefined))\n',
    spec: 'worker',
    rows: '11: ',
  },
  {
    name: 'acknowledge what failed instead of a nak',
    file: 'settlement/settlement.ts',
    from: 'this.message.nak(pauseMs);',
    to: 'this.message.ack();',
    spec: 'failing',
    rows: '14: ',
  },
  {
    name: 'terminate without a dead letter',
    file: 'dead-letter/dead-letters.ts',
    from: 'const copied = await this.store(settings.deadLetter, letter);',
    to: 'const copied = true;',
    spec: 'failing',
    rows: '14: ',
  },
  {
    name: 'do not wait for the PubAck',
    file: 'client/publish-event.ts',
    from: '() => open.client.publish(subject, body, { ...checked, msgID }),',
    to: `async () => {
        open.connection.publish(subject, body);
        return { stream: '', seq: 0, duplicate: false };
      },`,
    spec: 'server',
    rows: '3: ',
  },
  {
    name: 'publish again without the message id',
    file: 'client/publish-event.ts',
    from: '{ ...checked, msgID }),',
    to: 'checked),',
    spec: 'network',
    rows: '22: ',
  },
  {
    name: 'keep what waits when the application ends',
    file: 'consumer/message-dispatch.ts',
    from: 'for (const message of this.lanes.clear()) message.nak();',
    to: 'this.lanes.clear();',
    spec: 'shutdown',
    rows: '33: ',
  },
  {
    name: 'do not extend the ack deadline',
    file: 'consumer/ack-deadline.ts',
    from: 'message.working();',
    to: 'void message;',
    spec: 'handler',
    rows: '17: |18: ',
  },
  {
    name: 'do not read what the server gave up',
    file: 'server/nats-jetstream.server.ts',
    from: 'await this.#advisories?.start(this.session, session);',
    to: '',
    spec: 'worker',
    rows: '12: ',
  },
  {
    name: 'give up after ten attempts to reconnect',
    file: 'connection/connection-settings.ts',
    from: 'maxReconnectAttempts: -1,',
    to: 'maxReconnectAttempts: 10,',
    spec: 'server',
    rows: '3: ',
  },
  {
    name: 'replay from the start when a consumer is made anew',
    file: 'consumer/consumer-binding.ts',
    from: '? this.position.resumeAt : undefined;',
    to: '? 1 : undefined;',
    spec: 'deleted',
    rows: '8: .* limits',
  },
  {
    name: 'do not ask for the confirmation again',
    file: 'settlement/settlement.ts',
    from: 'if (attempt === CONFIRMATION_ATTEMPTS) throw error;',
    to: 'throw error;',
    spec: 'network',
    rows: '20: .* asked for again',
  },
  {
    name: 'run handlers of one key side by side',
    file: 'consumer/message-dispatch.ts',
    from: 'return this.lanes.add(message, key);',
    to: 'return this.lanes.add(message, undefined);',
    spec: 'order',
    rows: '37: .* sixteen keys',
  },
];
