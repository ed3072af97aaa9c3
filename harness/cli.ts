/** The `ppo-webgpu` program: runs the command, and turns errors into one message and an exit code. */
import { suggest } from '../src/options/suggest'
import { packageVersion } from './checkout/root.js'
import { commandHelp, parseCommand } from './cli/args'
import { EXIT, HarnessError, UsageError } from './cli/errors'
import { commandLine } from './cli/invocation'
import { plain } from './cli/output'
import { COMMANDS } from './commands/commands'
import { listAdapters } from './commands/list_adapters'

/** Errors of the library that mean a wrong option or file. */
const BAD_INPUT = ['CheckpointError', 'ConfigError', 'OutOfMemoryError', 'PolicyError', 'SafetensorsError']

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2
  const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`)
  return [
    'PPO that runs entirely on the GPU, in headless Chrome.',
    `Usage: ${commandLine('<command>', '[options]')}`,
    rows.join('\n'),
    `\`${commandLine('<command>', '--help')}\` explains a command.`,
    'Exit codes: 0 done, 1 a check failed, 2 bad usage, 3 no usable WebGPU, 4 diverged (not finite),\n' +
      '5 device lost and not replaced, 75 interrupted. Under `npm run`, npm may exit with 130 instead of 75.',
  ].join('\n\n')
}

async function runCommand([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(`${overview()}\n`)
    return name === undefined ? EXIT.badUsage : EXIT.done
  }
  if (name === '--version') {
    process.stdout.write(`${packageVersion()}\n`)
    return EXIT.done
  }
  const command = COMMANDS.find((c) => c.name === name)
  if (!command) {
    const names = COMMANDS.map((c) => c.name)
    throw new UsageError(`${name}: there is no such command${suggest(name, names)}. Commands: ${names.join(', ')}.`)
  }
  const given = parseCommand(command, args)
  if (given.has('help')) {
    process.stdout.write(`${commandHelp(command)}\n`)
    return EXIT.done
  }
  if (given.has('list-adapters')) return listAdapters()
  return command.run(given)
}

function report(error: unknown): number {
  const say = (text: string) => process.stderr.write(`${plain(text)}\n`)
  if (error instanceof HarnessError) {
    say(`error: ${error.message}`)
    // The page's own error messages are written for the user; any other error in the page is a defect, whose stack
    // matters.
    if (error.pageStack && error.exitCode === EXIT.checkFailed) say(error.pageStack)
    return error.exitCode
  }
  if (error instanceof Error && BAD_INPUT.includes(error.name)) {
    say(`error: ${error.message}`)
    return EXIT.badUsage
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return EXIT.checkFailed
}

// If the reader of the output ends, such as `head`, that is not an error, and the run continues.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
process.exitCode = await runCommand(process.argv.slice(2)).catch(report)
