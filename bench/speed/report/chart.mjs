const WIDTH = 1_000;
const LABELS = 520;
const LINE = 22;
const TOP = 48;
const MOST = 5;

/** Returns a bar chart of the ratios as SVG, with a mark at each target. */
export function chart(rows) {
  const shown = rows.filter(({ against, skipped }) => against !== undefined && !skipped);
  const height = TOP + shown.length * LINE + 20;
  const x = (ratio) => LABELS + (Math.min(ratio, MOST) / MOST) * (WIDTH - LABELS - 60);
  const bars = shown.map((row, at) => bar(row, TOP + at * LINE, x));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="12" y="24" font-size="15" font-weight="600" fill="#1b1f24">Ratios: shorter is better; 1 is what it is compared with, a dark line is the target</text>
<line x1="${x(1)}" x2="${x(1)}" y1="${TOP - 8}" y2="${height - 16}" stroke="#8c959f" stroke-dasharray="3 3"/>
${bars.join('\n')}
</svg>
`;
}

function bar({ name, value, target, variant }, y, x) {
  const colour = colourOf(value.median, target, variant);
  const mark =
    target === undefined
      ? ''
      : `<line x1="${x(target)}" x2="${x(target)}" y1="${y}" y2="${y + 16}" stroke="#1b1f24" stroke-width="2"/>`;
  return `<text x="${LABELS - 8}" y="${y + 12}" text-anchor="end" fill="#1b1f24">${escape(name)}</text>
<rect x="${LABELS}" y="${y + 1}" width="${x(value.median) - LABELS}" height="14" rx="2" fill="${colour}"/>
<text x="${x(value.median) + 6}" y="${y + 12}" fill="#57606a">${value.median.toFixed(2)}</text>${mark}`;
}

function colourOf(ratio, target, variant) {
  if (['reference', 'core'].includes(variant)) return '#b6bec8';
  return target !== undefined && ratio > target ? '#cf5a48' : '#2f81c1';
}

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
