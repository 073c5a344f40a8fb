import { defineStream, subject, subjectPattern } from '@nest-jetstream/transport';

export const OPENED = subject<{ owner: string }>()('account.opened');
export const DEPOSITED = subject<{ owner: string; amount: number }>()('account.deposited');
export const CLOSED = subject<{ owner: string; reason: string }>()('account.closed');

export const AccountsStream = defineStream({
  name: 'ACCOUNTS',
  subjects: ['account.>'],
  events: { OPENED, DEPOSITED, CLOSED },
});

export const ANY_OF_ACCOUNTS = subjectPattern(AccountsStream, 'account.*');
