const FLOOR = [20, 19];

/** Exits with a message if this Node is older than both packages support. */
export function requireSupportedNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1])) return;
  console.error(`Node ${process.versions.node} is too old. Install Node ${FLOOR.join('.')} or newer.`);
  process.exit(1);
}
