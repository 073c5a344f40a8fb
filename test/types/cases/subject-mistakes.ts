import { subject } from '@nest-jetstream/transport';

declare const region: string;
declare const name: string;

export const OPEN = subject<number>()(`order.${region}`);
export const GIVEN = subject<number>()(name);
export const ONE_TOKEN = subject<number>()('order');
export const DASHES = subject<number>()('order-events.v1_created');

export const EMPTY = subject<number>()(''); // error: A subject cannot be empty. Write one, such as 'order.created'.
export const EMPTY_TOKEN = subject<number>()('order..created'); // error: 'order..created' has an empty token. Write a name before and after each dot.
export const DOT_FIRST = subject<number>()('.order'); // error: '.order' has an empty token
export const DOT_LAST = subject<number>()('order.'); // error: 'order.' has an empty token
export const SPACE = subject<number>()('order created'); // error: 'order created' contains white space. Remove it.
export const LINE = subject<number>()('order\ncreated'); // error: contains white space. Remove it.
export const TAB = subject<number>()('order\tcreated'); // error: contains white space. Remove it.
export const OF_SERVER = subject<number>()('$JS.API.INFO'); // error: '$JS.API.INFO' begins with '$', which is reserved for nats-server. Use another name.
export const STAR = subject<number>()('order.*'); // error: 'order.*' is a pattern. Use a subject without '*' and '>'.
export const REST = subject<number>()('order.>'); // error: 'order.>' is a pattern. Use a subject without '*' and '>'.
export const CAPTURED = subject<number>()('order.:id.created'); // error: ':id' of 'order.:id.created' is a captured token. Use subjectTemplate() instead of subject().
