import { expect, test } from 'vitest'
import type { Gpu } from '../../src/gpu/device'
import { SharedGpu } from '../../src/gpu/shared'

function fakeGpu() {
  let lose = () => {}
  const seen = { destroyed: 0 }
  const lost = new Promise<void>((resolve) => {
    lose = resolve
  })
  const destroy = () => {
    seen.destroyed++
    lose()
  }
  const device = { lost, destroy }
  return { gpu: { device } as unknown as Gpu, lose: () => lose(), seen }
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 0))

test('all get one device, until it is lost; then another one', async () => {
  const made = [fakeGpu(), fakeGpu()]
  let asked = 0
  const shared = new SharedGpu(async () => made[asked++].gpu)
  const [a, b] = await Promise.all([shared.get(), shared.get()])
  expect(a).toBe(made[0].gpu)
  expect(b).toBe(a)
  made[0].lose()
  await soon()
  expect(await shared.get()).toBe(made[1].gpu)
  expect(await shared.get()).toBe(made[1].gpu)
  expect(asked).toBe(2)
})

test('one that hangs is given up, and a failure is no answer for ever', async () => {
  const made = [fakeGpu(), fakeGpu()]
  const answers = [async () => made[0].gpu, () => Promise.reject(new Error('none now')), async () => made[1].gpu]
  let asked = 0
  const shared = new SharedGpu(() => answers[asked++]())
  shared.drop(await shared.get())
  expect(made[0].seen.destroyed).toBe(1)
  await expect(shared.get()).rejects.toThrow('none now')
  expect(await shared.get()).toBe(made[1].gpu)
  await soon() // the end of the first is heard of, and forgets the second not
  expect(await shared.get()).toBe(made[1].gpu)
})
