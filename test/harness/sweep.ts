/** What the tests of `sweep` share. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Recorded } from '../../harness/sweep/folder'

/** Iterations of 4 x 16 steps or 8 x 16: milliseconds each, and soon compiled. */
export const SMALL = [
  ...['--num-steps', '16', '--set', 'numMinibatches=2', '--set', 'updateEpochs=1', '--set', 'hidden=8'],
  ...['--set', 'plan=layered', '--total-timesteps', '1024', '--adapter', 'software'],
]

export const recorded = (folder: string): Recorded[] =>
  existsSync(join(folder, 'results.jsonl'))
    ? readFileSync(join(folder, 'results.jsonl'), 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
    : []
