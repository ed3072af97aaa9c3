import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

export interface Started {
  pid: number
  kill(signal: NodeJS.Signals): void
  /** Resolves when `pattern` has appeared on stdout or stderr; rejects if the program ends first. */
  shows(pattern: RegExp): Promise<void>
  done: Promise<Finished>
}

/** Starts the command line program of dist/ with its output piped. */
export function startCli(args: string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env } })
  const result: Finished = { code: null, stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      result[name] += text
      for (const look of watchers) look()
    })
  }
  const done = new Promise<Finished>((resolve) => child.on('close', (code) => resolve({ ...result, code })))
  return {
    pid: child.pid!,
    kill: (signal) => void child.kill(signal),
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(result.stdout + result.stderr)) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
        done.then(({ code, stderr }) => reject(new Error(`ended with ${code} before ${pattern}: ${stderr}`)))
      }),
    done,
  }
}

export const runCli = (args: string[], env: Record<string, string> = {}): Promise<Finished> => startCli(args, env).done

/** Ids of running processes whose command line contains `text`. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Tests `condition` again and again; false if it did not become true in time. */
export async function eventually(condition: () => boolean, seconds: number, everyMs = 100): Promise<boolean> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    if (condition()) return true
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  return condition()
}
