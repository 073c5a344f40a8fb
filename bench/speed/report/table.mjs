/** Returns the table of all rows, with the conditions of the measurement. */
export function resultsText({ conditions, groups }, notes) {
  const rows = Object.values(groups).flatMap(({ date, rows: of }) => of.map((row) => ({ ...row, date })));
  const facts = Object.entries(conditions).map(([name, value]) => `${name} ${value}`);
  return [
    '# Benchmark results',
    '',
    '`npm run bench` writes this table, and `npm run bench -- consume` measures some of its rows again. Variants run in turn, each in its own',
    'process. A ratio is the median of pairs of runs side by side, with the least and the greatest. CPU is user and system time of the client per',
    'message.',
    `Measured: ${facts.join('; ')}. Other work ran on the same cores, so compare ratios rather than messages per second.`,
    '',
    '![Ratios against their targets](results.svg)',
    '',
    '| benchmark | ratio (least–greatest) | target | ours | against | per second, ours / against | runs | date |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map(line),
    '',
    ...notes,
  ].join('\n');
}

function line(row) {
  if (row.skipped) return `| ${row.name} | ${row.skipped} | | | | | | ${row.date} |`;
  const { name, value, target, own, base, unit, perSecond, basePerSecond, runs, date } = row;
  const spread = `${number(value.least)}–${number(value.greatest)}`;
  const isMissed = target !== undefined && value.median > target;
  const median = isMissed ? `**${number(value.median)}, missed**` : number(value.median);
  const rate = perSecond === undefined ? '' : `${thousands(perSecond)} / ${thousands(basePerSecond)}`;
  const goal = target === undefined ? '' : `≤ ${number(target)}`;
  return `| ${name} | ${median} (${spread}) | ${goal} | ${number(own)} ${unit} | ${base === undefined ? '' : `${number(base)} ${unit}`} | ${rate} | ${runs} | ${date} |`;
}

function number(value) {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toLocaleString('en', {
    maximumFractionDigits: 2,
    minimumFractionDigits: Number.isInteger(value) ? 0 : 2,
  });
}

const thousands = (value) => (value === undefined ? '' : `${(value / 1_000).toFixed(0)} k`);
