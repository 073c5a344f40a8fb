/** Rows of one place: each says it at the end of its name. */
export function inPlace(place, rows) {
  for (const row of rows) row.name += `, ${place}`;
  return rows;
}
