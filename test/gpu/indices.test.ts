/** Without a twin, an index outside of an array is found all the same, at the author's line and with its value. */
import { expect, test } from 'vitest'
import type { EnvSpec } from '../../src/env/contract'
import { checkEnvOn, envReportText } from '../../src/envcheck/checkenv'
import { driftEnv } from '../kernels/envs'
import { lineOf } from '../support/broken'
import { onPage } from './own_envs'

/** `count` goes from 0 to 4, and the last one is written beside `seen`; `back` is read one before it. */
const wgsl = driftEnv.wgsl
  .replace(
    'let s = *state;',
    `let s = *state;
  var seen: array<f32, LENGTH>;
  seen[u32(s.count) + 1u] = 1.0;
  let before = back(&seen, i32(s.count) - FIRST);`,
  )
  .replace(
    'fn env_step',
    'fn back(cells: ptr<function, array<f32, LENGTH>>, i: i32) -> f32 {\n  return (*cells)[i];\n}\nfn env_step',
  )

const spec = (length: number, first: number): EnvSpec =>
  ({
    ...driftEnv,
    wgsl: wgsl.replaceAll('LENGTH', `${length}`).replace('FIRST', `${first}`),
    wgslFile: 'my/drift.wgsl',
    twin: undefined,
  }) as unknown as EnvSpec

const options = { numEnvs: 8, steps: 12 }
const at = (piece: string) => `my/drift.wgsl:${lineOf(piece, wgsl)}`

test('an index outside of an array is told with its line and value', async () => {
  const report = await checkEnvOn(onPage, spec(4, 1), options)
  const found = report.problems.filter(({ check }) => check === 'index')
  expect(report.ok).toBe(false)
  expect(
    found.map(({ message }) => message),
    envReportText(report),
  ).toEqual([
    expect.stringMatching(
      new RegExp(
        `^${at('return (*cells)')}: the index of \\(\\*cells\\)\\[i\\] is -1, but there are 4 elements, 0 to 3; step 0, env 0, from x `,
      ),
    ),
    expect.stringMatching(
      new RegExp(
        `^${at('seen[u32')}: the index of seen\\[u32\\(s.count\\) \\+ 1u\\] is 4, but there are 4 elements, 0 to 3; step 3, env 0, from x \\S+ count 3 `,
      ),
    ),
  ])
  expect(found.map(({ count }) => count)).toEqual([24, 24]) // each once in four steps of 8 environments
})

test('indices inside of it are right, and the report says how many were checked', async () => {
  const report = await checkEnvOn(onPage, spec(5, 0), options)
  expect(report.problems, envReportText(report)).toEqual([])
  expect(report.checked).toContain('2 indices that are computed, in every reset and step')
})
