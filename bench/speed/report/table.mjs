/** The table of all rows, and what it was measured on. */
export function resultsText({ conditions, groups }, notes) {
  const rows = Object.values(groups).flatMap(({ rows: of }) => of);
  const facts = Object.entries(conditions).map(([name, value]) => `${name} ${value}`);
  return [
    '# How fast it is',
    '',
    '`npm run bench` makes this table, `npm run bench -- consume` a part of it anew. Each ratio is one of runs side by side: variants run in turn,',
    'each in a process of its own; median, and the least and the greatest of so many pairs. CPU is that of the client, user and system, a message.',
    `Measured: ${facts.join('; ')}. Other work ran on the same cores: ratios hold, messages a second swing.`,
    '',
    '![Ratios against their targets](results.svg)',
    '',
    '| what | ratio (least–greatest) | target | ours | against | a second, ours / against | runs |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(line),
    '',
    ...notes,
  ].join('\n');
}

function line(row) {
  if (row.skipped) return `| ${row.name} | ${row.skipped} | | | | | |`;
  const { name, value, target, own, base, unit, perSecond, basePerSecond, runs } = row;
  const spread = `${number(value.least)}–${number(value.greatest)}`;
  const isMissed = target !== undefined && value.median > target;
  const median = isMissed ? `**${number(value.median)}, missed**` : number(value.median);
  const rate = perSecond === undefined ? '' : `${thousands(perSecond)} / ${thousands(basePerSecond)}`;
  const goal = target === undefined ? '' : `≤ ${number(target)}`;
  return `| ${name} | ${median} (${spread}) | ${goal} | ${number(own)} ${unit} | ${base === undefined ? '' : `${number(base)} ${unit}`} | ${rate} | ${runs} |`;
}

function number(value) {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toLocaleString('en', {
    maximumFractionDigits: 2,
    minimumFractionDigits: Number.isInteger(value) ? 0 : 2,
  });
}

const thousands = (value) => (value === undefined ? '' : `${(value / 1_000).toFixed(0)} k`);
