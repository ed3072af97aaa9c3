/** Every command, in the order of the help. */
import type { Command } from '../cli/args'
import { bench } from './bench'
import { checkEnvCommand } from './check_env'
import { compare } from './compare'
import { compileReport } from './compile_report'
import { enjoy } from './enjoy'
import { evaluate } from './eval'
import { exportCommand } from './export'
import { importCommand } from './import'
import { learn } from './learn'
import { newEnv } from './new_env'
import { pack } from './pack'
import { record } from './record'
import { runs } from './runs'
import { share } from './share'
import { soak } from './soak'
import { sweep } from './sweep'
import { train } from './train'
import { verify } from './verify'
import { worker } from './worker'

export const COMMANDS: Command[] = [
  ...[train, learn, sweep, evaluate, record, exportCommand, importCommand, share, enjoy],
  ...[worker, runs, compare, verify, checkEnvCommand, newEnv, bench, compileReport, soak, pack],
]
