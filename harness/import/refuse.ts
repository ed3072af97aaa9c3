/** How a file of another program is refused. */
import { UsageError } from '../cli/errors'

/** @param todo A sentence without its full stop. @throws UsageError always. */
export function refuse(where: string, what: string, todo: string): never {
  throw new UsageError(`${where}: ${what}. ${todo}.`)
}
