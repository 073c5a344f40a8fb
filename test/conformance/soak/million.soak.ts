import { writeFileSync } from 'node:fs';
import { expectFlat } from './expect-flat';
import { soak } from './soak';
import { reportText } from './soak-report';

const MESSAGES_A_FAULT = 10_000;
const LIMIT_MS = 3_600_000;
const messages = Number(process.env['SOAK_MESSAGES']);

it(
  `${messages} messages with random kills`,
  async () => {
    const report = await soak({ messages, faults: Math.floor(messages / MESSAGES_A_FAULT) });
    writeFileSync(process.env['SOAK_REPORT'] ?? '', `${reportText(report)}\n`);
    expect(report.row.handled).toBeGreaterThanOrEqual(report.row.ok);
    expectFlat(report.samples);
  },
  LIMIT_MS,
);
