/** Firefox without a window, by WebDriver BiDi, on SwiftShader's Vulkan. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer, { type Browser } from 'puppeteer'
import { findFirefox } from './find'
import { softwareVulkan } from './vulkan'

/** WebGPU is on, and on a software driver, too. */
const PREFERENCES = {
  'dom.webgpu.enabled': true,
  'dom.webgpu.workers.enabled': true,
  'gfx.webgpu.ignore-blocklist': true,
  'gfx.webrender.software': true,
}

export async function launchFirefox(): Promise<{ browser: Browser; close(): Promise<void> }> {
  const { path } = await findFirefox()
  const vulkan = softwareVulkan()
  // As root it starts only in a home that is root's; and it must not write into anybody's.
  const home = mkdtempSync(join(tmpdir(), 'ppo-webgpu-firefox-'))
  const removeAll = (): void => {
    vulkan.close()
    rmSync(home, { recursive: true, force: true })
  }
  try {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: path,
      headless: true,
      env: { ...process.env, ...vulkan.env, HOME: home },
      protocolTimeout: 600_000,
      extraPrefsFirefox: PREFERENCES,
    })
    const close = async (): Promise<void> => {
      await browser.close()
      removeAll()
    }
    return { browser, close }
  } catch (error) {
    removeAll()
    throw error
  }
}
