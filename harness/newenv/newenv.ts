/** The files of a new environment of the user, made from a small one that works. */
import boxSpec from './box/spec.ts?raw'
import boxTwin from './box/twin.ts?raw'
import boxWgsl from './box/world.wgsl.txt?raw'
import discreteSpec from './discrete/spec.ts?raw'
import discreteTwin from './discrete/twin.ts?raw'
import discreteWgsl from './discrete/world.wgsl.txt?raw'
import readme from './readme.md.txt?raw'
import test from './test.ts.txt?raw'
import types from './wgsl.d.ts.txt?raw'

export const ACTIONS = ['discrete', 'box'] as const
export type Actions = (typeof ACTIONS)[number]

const OWN = {
  discrete: { spec: discreteSpec, twin: discreteTwin, wgsl: discreteWgsl, right: '[2]' },
  box: { spec: boxSpec, twin: boxTwin, wgsl: boxWgsl, right: '[1]' },
}

const MOST_LETTERS = 40

/** Words of JavaScript that `myEnv` must not be. */
const RESERVED =
  /^(new|class|delete|default|this|import|export|function|in|var|let|const|if|for|do|return|switch|typeof|void|while|with|yield|await|async|enum|null|true|false|super|static|throw|try|case|catch|else|break|continue|debugger|extends|finally|instanceof|package|interface|private|protected|public|implements|eval|arguments|undefined|global-this|wgsl|spec)$/

/** Why `name` cannot be the name of a folder, of files and of a variable; null if it can. */
export function whyNotName(name: string): string | null {
  if (!/^[a-z][a-z\d]*(-[a-z\d]+)*$/.test(name))
    return 'is not a name of small letters, digits and single hyphens that begins with a letter'
  if (name.length > MOST_LETTERS) return `has ${name.length} characters, more than ${MOST_LETTERS}`
  if (RESERVED.test(name)) return 'has a meaning in the files'
  return null
}

/** `my-game` as `MyGame` */
const titled = (name: string): string => name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())

/**
 * The files, by name.
 * @param commands That check it and train in it, for its README.
 */
export function newEnvFiles(
  name: string,
  actions: Actions,
  commands: { check: string; train: string },
): Record<string, string> {
  const { spec, twin, wgsl, right } = OWN[actions]
  const title = titled(name)
  const named = (text: string) =>
    text
      .replaceAll('./twin', `./${name}`)
      .replaceAll('./world.wgsl', `./${name}.wgsl`)
      .replaceAll('NewEnv', title)
      .replaceAll('newEnv', title[0].toLowerCase() + title.slice(1))
      .replaceAll('new-env', name)
  return {
    [`${name}.wgsl`]: named(wgsl),
    [`${name}.ts`]: named(twin),
    'spec.ts': named(spec),
    [`${name}.test.ts`]: named(test).replaceAll('RIGHT', right),
    'wgsl.d.ts': types,
    'README.md': aligned(named(readme).replace('CHECK', commands.check).replace('TRAIN', commands.train)),
  }
}

/** The columns of a table, and of the commands, as wide as their longest cells. */
function aligned(text: string): string {
  const lines = text.split('\n')
  const files = lines.filter((line) => line.startsWith('|')).map((line) => line.split('|')[1].trim())
  const width = Math.max(...files.map((cell) => cell.length))
  const commands = lines.filter((line) => line.startsWith('    ')).map((line) => line.trim().split(/ {2,}/)[0])
  const wide = Math.max(...commands.map((command) => command.length))
  return lines
    .map((line) => {
      if (line.startsWith('| -')) return `| ${'-'.repeat(width)} |${line.split('|')[2]}|`
      if (line.startsWith('|')) return `| ${line.split('|')[1].trim().padEnd(width)} |${line.split('|')[2]}|`
      if (!line.startsWith('    ')) return line
      const [command, what] = line.trim().split(/ {2,}/)
      return `    ${command.padEnd(wide)}   ${what}`
    })
    .join('\n')
}
