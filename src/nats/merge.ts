/** Batches of one shape as one batch, to fill an adapter. */

import type { Batch, Member } from '../sweep/types'
import { resultProof } from './names'

/** Batches with equal shapes can be trained together. */
export const shapeOf = ({ sweep, env, config, rung, until, keep }: Batch): string =>
  JSON.stringify([sweep, env, config, rung, until, keep])

/** The members of all batches that `isOpen`, as a batch with the names of the first. Null if none is open. */
export function mergeBatches(
  batches: readonly Batch[],
  isOpen: (batch: Batch, member: Member) => boolean,
): Batch | null {
  const members = batches.flatMap((batch) => batch.members.filter((member) => isOpen(batch, member)))
  return members.length === 0 ? null : { ...batches[0], members }
}

/** The batch that a trial came with. */
export function ownerOf(batches: readonly Batch[], trial: number): Batch {
  const owner = batches.find(({ members }) => members.some((member) => member.trial === trial))
  if (!owner) throw new Error(`trial ${trial} is in none of the batches ${batches.map(({ id }) => id).join(', ')}.`)
  return owner
}

/** A file's name without the ticket, which names tell to everybody. */
export const publicName = (name: string, { ticket }: Batch): string => name.replaceAll(ticket, resultProof(ticket, -1))
