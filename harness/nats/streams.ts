/** The streams on the server. Whoever coordinates a sweep creates them; workers have no right to. */
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import {
  FILES_STREAM,
  PROGRESS_STREAM,
  RESULTS_BUCKET,
  RESULTS_STREAM,
  WORK_CONSUMER,
  WORK_STREAM,
} from '../../src/nats/names'
import { forSeconds } from '../../src/nats/requests'
import { MOST_RESULT } from '../../src/sweep/check'
import { HarnessError } from '../cli/errors'

const ACK_WAIT = 30
/** Seconds that are waited for a server to come back. */
const BACK = 15
/** Above the chunks of files, and their headers. */
const MOST_MESSAGE = 2 ** 20
const MOST_HEADERS = 1024
const DAY = 24 * 3600 * 1000

type Wanted = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>

/** A subject that has a message takes no other one, from anybody: what is there first stays. */
const ONCE = {
  ...{ max_msgs_per_subject: 1, discard: DiscardPolicy.New, discard_new_per_subject: true },
  ...{ allow_rollup_hdrs: false, allow_direct: true },
}

const STREAMS: Wanted[] = [
  {
    ...{ name: WORK_STREAM, subjects: ['ppo.work.>'], retention: RetentionPolicy.Workqueue },
    ...{ max_msgs_per_subject: 1, discard: DiscardPolicy.New, discard_new_per_subject: true },
  },
  // A key-value bucket is a stream of such a name with such subjects.
  { name: RESULTS_STREAM, subjects: [`$KV.${RESULTS_BUCKET}.>`], ...ONCE, max_msg_size: MOST_RESULT + MOST_HEADERS },
  { name: FILES_STREAM, subjects: ['ppo.files.>'], ...ONCE },
  {
    ...{ name: PROGRESS_STREAM, subjects: ['ppo.progress.>'], max_msgs_per_subject: 1, discard: DiscardPolicy.Old },
    ...{ allow_direct: true, max_age: nanos(7 * DAY) },
  },
]

/**
 * Creates what is missing.
 * @param ackWait Seconds; null leaves an existing queue as it is.
 * @throws HarnessError if the server does not let us.
 */
export async function prepareStreams(jsm: JetStreamManager, ackWait: number | null): Promise<void> {
  try {
    for (const wanted of STREAMS) {
      const isThere = await present(() => jsm.streams.info(wanted.name))
      if (!isThere) {
        const config = { storage: StorageType.File, max_msg_size: MOST_MESSAGE, ...wanted }
        await whenBack(() => jsm.streams.add(config))
      }
    }
    const consumer = await present(() => jsm.consumers.info(WORK_STREAM, WORK_CONSUMER))
    if (!consumer) {
      const config = {
        ...{ durable_name: WORK_CONSUMER, ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All },
        ...{ ack_wait: nanos((ackWait ?? ACK_WAIT) * 1000), max_deliver: -1, max_ack_pending: -1, max_waiting: 16384 },
      }
      await whenBack(() => jsm.consumers.add(WORK_STREAM, config))
    } else if (ackWait !== null && consumer.config.ack_wait !== nanos(ackWait * 1000)) {
      const change = { ack_wait: nanos(ackWait * 1000) }
      await whenBack(() => jsm.consumers.update(WORK_STREAM, WORK_CONSUMER, change))
    }
  } catch (error) {
    throw new HarnessError(
      `--nats: the server does not let this user create the streams of a sweep (${(error as Error).message}). Use the ` +
        "coordinator's user, and a server of version 2.9 or newer with room on its disk.",
    )
  }
}

/** A server that was killed right now is back soon. */
export const whenBack = <T>(ask: () => Promise<T>): Promise<T> => forSeconds(BACK, ask)

async function present<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await whenBack(ask)
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status === 404) return null
    throw error
  }
}
