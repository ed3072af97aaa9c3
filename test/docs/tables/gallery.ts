/** The policies of examples/gallery. */
import { fileURLToPath } from 'node:url'
import { findEnv } from '../../../envs/registry'
import { galleryFolder, readEntries } from '../../../harness/gallery/entries'
import { grouped, table } from '../markdown'

export function galleryTable(): string {
  const rows = readEntries(galleryFolder(fileURLToPath(new URL('../../../', import.meta.url)))).map((entry) => [
    entry.env,
    `${entry.meanReturn.toFixed(1)} +- ${entry.stdReturn.toFixed(1)}`,
    `${findEnv(entry.env).rewardThreshold ?? 'none'}`,
    grouped(entry.steps),
    entry.adapter,
    `\`${entry.policy}\``,
    entry.date,
  ])
  return table(['environment', 'return', 'solved at', 'steps', 'trained on', 'policy', 'evaluated'], rows)
}
