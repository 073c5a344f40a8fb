// Imported by a process that must not outlive its parent, even if the parent is killed. An orphan
// gets another parent; on Windows, it keeps the parent's id.
const POLL_MS = 500;
const parent = process.ppid;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, POLL_MS).unref();
