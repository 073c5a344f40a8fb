import { subject } from '@nest-jetstream/transport';

declare const region: string;
declare const name: string;

export const OPEN = subject<number>()(`order.${region}`);
export const GIVEN = subject<number>()(name);
export const ONE_TOKEN = subject<number>()('order');
export const DASHES = subject<number>()('order-events.v1_created');

export const EMPTY = subject<number>()(''); // error: a subject is not empty: write one, such as 'order.created'
export const EMPTY_TOKEN = subject<number>()('order..created'); // error: 'order..created' has an empty token: write one between each two dots
export const DOT_FIRST = subject<number>()('.order'); // error: '.order' has an empty token
export const DOT_LAST = subject<number>()('order.'); // error: 'order.' has an empty token
export const SPACE = subject<number>()('order created'); // error: 'order created' has white space, which no subject may have
export const LINE = subject<number>()('order\ncreated'); // error: has white space, which no subject may have
export const TAB = subject<number>()('order\tcreated'); // error: has white space, which no subject may have
export const OF_SERVER = subject<number>()('$JS.API.INFO'); // error: '$JS.API.INFO' begins with '$': these subjects belong to the server
export const STAR = subject<number>()('order.*'); // error: 'order.*' is a pattern: name one subject
export const REST = subject<number>()('order.>'); // error: 'order.>' is a pattern: name one subject
export const CAPTURED = subject<number>()('order.:id.created'); // error: ':id' would be a captured token: make it with subjectTemplate
