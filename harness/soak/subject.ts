/**
 * The command line program as the subject of a fault: a separate process, and a connection to its Chrome from outside.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'puppeteer'
import { packageRoot } from '../checkout/root.js'
import { loadPuppeteer, PROFILE } from '../chrome/launch'

/** Allows a second debugger, and any number of crashes of the GPU process, after which Chrome would give up. */
const FLAGS = '--remote-debugging-port=0 --disable-gpu-process-crash-limit'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface Subject {
  child: ChildProcess
  ended: Promise<Ended>
  isRunning(): boolean
  /** A second connection to its Chrome; null if the subject ends before there is one. */
  connect(): Promise<Browser | null>
}

/** Starts `ppo-webgpu` with `args`. */
export function startSubject(args: string[]): Subject {
  const env = { ...process.env, PPO_WEBGPU_CHROME_FLAGS: `${process.env.PPO_WEBGPU_CHROME_FLAGS ?? ''} ${FLAGS}` }
  const child = spawn(process.execPath, [join(packageRoot(), 'dist', 'cli.js'), ...args], { env })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  }
  let running = true
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => {
      running = false
      resolve({ ...said, code })
    }),
  )
  const isRunning = () => running
  return { child, ended, isRunning, connect: () => connect(child.pid!, isRunning) }
}

async function connect(pid: number, isRunning: () => boolean): Promise<Browser | null> {
  const puppeteer = await loadPuppeteer()
  for (; isRunning(); await pause(20)) {
    const [port, path] = debuggerOf(pid) ?? []
    if (!port) continue
    const browserWSEndpoint = `ws://127.0.0.1:${port}${path}`
    const browser = await puppeteer.connect({ browserWSEndpoint, defaultViewport: null }).catch(() => null)
    if (browser) return browser
  }
  return null
}

/**
 * Port and path, which Chrome writes into its profile; the profile folder is named after the process that started it.
 */
function debuggerOf(pid: number): string[] | null {
  const profiles = readdirSync(tmpdir()).filter((name) => name.startsWith(`${PROFILE}${pid}-`))
  const file = profiles.map((name) => join(tmpdir(), name, 'DevToolsActivePort')).find((path) => existsSync(path))
  const lines = file ? readFileSync(file, 'utf8').split('\n') : []
  return lines.length >= 2 ? lines : null
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
