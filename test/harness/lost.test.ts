import { expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { openChrome } from '../../harness/chrome/runtime'
import { resolveConfig } from '../../src/config'

// A browser of its own: the shared one would lose its device too.
test('a GPU process that dies in training ends it with exit code 5 and a sentence that helps', async () => {
  const runtime = await openChrome()
  try {
    const session = await runtime.page.browser().target().createCDPSession()
    let crashed = false
    const config = resolveConfig(cartPole.preset, { stopWhenSolved: false, totalTimesteps: 2_000_000 })
    const training = runtime.call('train', { env: cartPole.id, config }, () => {
      if (!crashed) session.send('Browser.crashGpuProcess').catch(() => {})
      crashed = true
    })
    await expect(training).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(/device was lost.*again/),
    })
  } finally {
    await runtime.close()
  }
})
