/** Runs a program in Python that prints one line of JSON. */
import { spawnSync } from 'node:child_process'

/** The Python program: `PPO_WEBGPU_PYTHON` names it, for example that of a virtual environment; default `python3`. */
export const pythonProgram = (): string => process.env.PPO_WEBGPU_PYTHON || 'python3'

/** What the program printed last; or, in words, why it did not and what to do. `packages`: what it needs there. */
export function runPython<T extends object>(
  script: string,
  args: readonly (string | number)[],
  packages: string,
  timeoutMs: number,
): T | string {
  const python = pythonProgram()
  const given = ['-c', script, ...args.map(String)]
  const { error, status, stdout, stderr } = spawnSync(python, given, { encoding: 'utf8', timeout: timeoutMs })
  if (!error && status === 0) return JSON.parse(lastLine(stdout))
  const said = error?.message ?? lastLine(stderr)
  return `${python}: ${said}. Install ${packages} there, or name another Python in PPO_WEBGPU_PYTHON.`
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''
