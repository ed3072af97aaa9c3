/** Ctrl-C as a terminal sends it: to all processes of a command at once. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { eventually } from './cli'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Ended {
  code: number | null
  signal: string | null
  said: string
}

/** Runs a program like a terminal, in its own process group, and presses Ctrl-C when it prints `when`. */
export async function pressed(program: string, args: string[], when = 'steps/s'): Promise<Ended> {
  const child = spawn(program, args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal, said })))
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => void (said += chunk))
  if (!(await eventually(() => said.includes(when), 50))) {
    process.kill(-child.pid!, 'SIGKILL')
    throw new Error(said)
  }
  process.kill(-child.pid!, 'SIGINT')
  return ended
}
