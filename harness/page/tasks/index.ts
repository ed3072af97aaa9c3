/** Every task that Node can start in the page, by name; harness/protocol/protocol.ts describes them. */
import type { Emit, TaskName, Tasks } from '../../protocol/protocol'
import { bench } from './bench'
import { convolutions } from './convolutions'
import { adapter, runKernel } from './device'
import { filmBegin, filmDraw, filmEnd } from './film'
import { leaks } from './leaks'
import { profile } from './profile'
import { gae, transitions, update } from './replay'
import { stages } from './stages'
import { stop, train } from './train'

export const tasks: { [N in TaskName]: (args: Tasks[N][0], emit: Emit) => Promise<Tasks[N][1]> } = {
  adapter,
  runKernel,
  train,
  leaks,
  stop,
  bench,
  convolutions,
  profile,
  update,
  gae,
  transitions,
  stages,
  filmBegin,
  filmDraw,
  filmEnd,
}
