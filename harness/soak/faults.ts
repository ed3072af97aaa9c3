/** Faults that can be injected into a run from outside. */
import type { Browser, Page } from 'puppeteer'
import { pause, type Subject } from './subject'

export interface Fault {
  /** Its name in tables. */
  title: string
  /** Whether the process ends, and the run continues in another one. */
  ends: boolean
  strike(subject: Subject, browser: Browser): Promise<void>
}

/** The fault may also end the other side of the call. */
const unanswered = (call: Promise<unknown>): void => void call.catch(() => {})

async function pageOf(browser: Browser, subject: Subject): Promise<Page> {
  for (;;) {
    const page = (await browser.pages()).find((candidate) => candidate.url().startsWith('http://127.0.0.1'))
    if (page) return page
    if (!subject.isRunning()) throw new Error('the run ended before its page was there')
    await pause(20)
  }
}

/** Destroys every device of the page, as soon as there is one. */
async function destroyDevices(page: Page): Promise<void> {
  for (let found = 0; found === 0; await pause(20)) {
    const prototype = await page.evaluateHandle(() => GPUDevice.prototype)
    const devices = await page.queryObjects(prototype)
    found = await devices.evaluate((list) => {
      for (const device of list as GPUDevice[]) device.destroy()
      return (list as GPUDevice[]).length
    })
  }
}

export const FAULTS: Record<string, Fault> = {
  destroy: {
    title: 'device.destroy() from outside',
    ends: false,
    strike: async (subject, browser) => destroyDevices(await pageOf(browser, subject)),
  },
  gpu: {
    title: 'the GPU process crashes',
    ends: false,
    async strike(_, browser) {
      unanswered((await browser.target().createCDPSession()).send('Browser.crashGpuProcess'))
    },
  },
  page: {
    title: 'the page crashes',
    ends: false,
    async strike(subject, browser) {
      unanswered((await (await pageOf(browser, subject)).createCDPSession()).send('Page.crash'))
    },
  },
  hang: {
    title: 'the page hangs',
    ends: false,
    strike: async (subject, browser) => unanswered((await pageOf(browser, subject)).evaluate('for (;;);')),
  },
  chrome: {
    title: 'SIGKILL of Chrome',
    ends: false,
    async strike(_, browser) {
      const session = await browser.target().createCDPSession()
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      process.kill(processInfo.find(({ type }) => type === 'browser')!.id, 'SIGKILL')
    },
  },
  sigterm: {
    title: 'SIGTERM, then --resume',
    ends: true,
    strike: async ({ child }) => void child.kill('SIGTERM'),
  },
  node: {
    title: 'SIGKILL of Node, then --resume',
    ends: true,
    strike: async ({ child }) => void child.kill('SIGKILL'),
  },
}
