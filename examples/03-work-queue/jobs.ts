import { defineStream, subject } from '@nest-jetstream/transport';

export interface ResizeJob {
  picture: string;
}

export const RESIZE = subject<ResizeJob>()('job.resize');
export const JobsStream = defineStream({
  name: 'JOBS',
  subjects: ['job.>'],
  events: { RESIZE },
  retention: 'workqueue',
});
