import { beforeAll, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { runCli } from '../support/cli'

beforeAll(buildCli)

// What is struck while training: soak.slow.test.ts.
test('a fault that there is not is refused', { timeout: 120_000 }, async () => {
  const { code, stderr } = await runCli(['soak', '--count', '1', '--fault', 'sigint'])
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--fault: "sigint" is not one of'),
  })
})
