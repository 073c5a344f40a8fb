export const HEAD = '| | plain | typed | ratio |\n|---|---|---|---|';

/**
 * A row of the table: one figure of both contracts, and their ratio. The least: whatever else the
 * machine does adds.
 */
export function row(name, plain, typed, digits = 0) {
  const [a, b] = [Math.min(...plain), Math.min(...typed)];
  return `| ${name} | ${format(a, digits)} | ${format(b, digits)} | ${format(b / a, 2)} |`;
}

/**
 * A row for the time of completions after a keystroke, in ms. The middle one: an editor meets the
 * slow ones too.
 */
export function completionRow(name, plain, typed) {
  const [a, b] = [plain, typed].map(
    ({ offered, times }) => `${format(median(times), 1)}${offered ? '' : ', not offered'}`,
  );
  return `| ${name} | ${a} | ${b} | ${format(median(typed.times) / median(plain.times), 2)} |`;
}

function median(figures) {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)];
}

const format = (figure, digits) =>
  figure.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
