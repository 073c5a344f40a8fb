const COLUMNS = 100;
const ROW = 19;
const LEFT = 18;
const TOP = 52;
const SECONDS_A_COMMAND = 1.2;

/**
 * Records the commands and output of a run as a picture of a terminal for docs/quickstart.svg.
 * @typedef {ReturnType<typeof createRecording>} Recording
 */
export function createRecording() {
  /** @type {{ text: string, kind: 'command' | 'output' }[]} */
  const lines = [];
  const print = (text) => {
    for (const line of text.trimEnd().split('\n')) if (line.trim() !== '') lines.push({ text: line, kind: 'output' });
  };
  return {
    print,
    add(command, output) {
      lines.push({ text: command, kind: 'command' });
      print(output);
    },
    svg: () => draw(lines),
  };
}

/**
 * Returns an animation in which each command appears with its output. With reduced motion,
 * everything appears at once.
 */
function draw(lines) {
  const rows = [];
  let commands = 0;
  for (const { text, kind } of lines) {
    if (kind === 'command') commands += 1;
    for (const [part, piece] of wrap(text).entries()) {
      const y = TOP + rows.length * ROW;
      const prompt = kind === 'command' && part === 0 ? '<tspan class="prompt">$ </tspan>' : '';
      const delay = ((commands - 1) * SECONDS_A_COMMAND + (kind === 'output' ? 0.5 : 0)).toFixed(1);
      const indent = prompt ? 0 : kind === 'command' ? 4 : 0;
      rows.push(
        `<text x="${LEFT}" y="${y}" class="${kind}" style="animation-delay:${delay}s">${prompt}${' '.repeat(indent)}${escape(piece)}</text>`,
      );
    }
  }
  const width = 860;
  const height = TOP + rows.length * ROW + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The quickstart in a terminal">
<!-- Made by npm run quickstart -- --record, from what the commands printed. -->
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #c9d1d9; white-space: pre; animation: appear 0.2s both; }
.command { fill: #ffffff; font-weight: 600; }
.prompt { fill: #7ee787; }
@keyframes appear { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { text { animation: none; } }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="22" cy="20" r="6" fill="#ff5f56"/><circle cx="42" cy="20" r="6" fill="#ffbd2e"/><circle cx="62" cy="20" r="6" fill="#27c93f"/>
${rows.join('\n')}
</svg>
`;
}

function wrap(text) {
  const pieces = [];
  for (let rest = text; rest !== '' || pieces.length === 0; rest = rest.slice(COLUMNS))
    pieces.push(rest.slice(0, COLUMNS));
  return pieces;
}

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
