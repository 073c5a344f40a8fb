// Imported by a process that must not outlive the one that started it, also where that was killed
// and could end nobody. A process whose parent is gone has another one; on Windows it keeps the
// number.
const POLL_MS = 500;
const parent = process.ppid;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, POLL_MS).unref();
