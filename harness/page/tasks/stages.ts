import type { StageDump, TrainArgs } from '../protocol'

export async function stages(_args: TrainArgs): Promise<StageDump> {
  throw new Error('not yet')
}
