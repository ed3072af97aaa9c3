/** Reads films with ffmpeg, which Debian has as a package: another program than the one that wrote them. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Names another ffmpeg than that on PATH. */
const FFMPEG_VARIABLE = 'PPO_WEBGPU_FFMPEG'

/** The pictures of a film as RGB bytes, and its codec as ffmpeg calls it. @throws where there is no ffmpeg. */
export function readFilm(film: Uint8Array, { width, height }: { width: number; height: number }) {
  const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-film-'))
  try {
    const file = join(folder, 'film')
    writeFileSync(file, film)
    const { stdout, stderr } = ffmpeg(['-i', file, '-vsync', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'])
    const bytes = 3 * width * height
    if (stdout.length % bytes !== 0) throw new Error(`${stdout.length} bytes are no pictures of ${width}x${height}`)
    const pictures = Array.from({ length: stdout.length / bytes }, (_, i) =>
      stdout.subarray(i * bytes, (i + 1) * bytes),
    )
    const [, hours, minutes, seconds] = /Duration: (\d+):(\d+):([\d.]+)/.exec(stderr) ?? []
    return {
      pictures,
      codec: /Stream .*Video: (\w+)/.exec(stderr)?.[1],
      seconds: 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function ffmpeg(args: string[]): { stdout: Buffer; stderr: string } {
  const program = process.env[FFMPEG_VARIABLE] ?? 'ffmpeg'
  const { error, status, stdout, stderr } = spawnSync(program, ['-hide_banner', '-nostdin', ...args], {
    maxBuffer: 2 ** 30,
  })
  if (error) {
    throw new Error(
      `${program}: ${error.message}. These tests read films with it: install Debian's package ffmpeg, or set ${FFMPEG_VARIABLE}.`,
    )
  }
  if (status !== 0) throw new Error(`${program}: ${stderr}`)
  return { stdout, stderr: stderr.toString() }
}
