/** What the first convolution looks for, and what it and the layers behind it find in the environment that is shown. */
import { useEffect, useRef, useState } from 'preact/hooks'
import {
  limitOf,
  numberAt,
  type Place,
  paint,
  pixelOf,
  rangeOf,
  SCALES,
  sizeOfTiles,
  type Tiles,
  valueAt,
} from '../diverging'
import { short } from '../format'
import type { ChannelMaps, FeatureMaps } from '../protocol'
import { config, featureMaps, isDark, view } from '../state'
import { Term } from './explain'
import { Panel } from './panel'

const STEPS: Record<string, [x: number, y: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

export function Filters() {
  const all = featureMaps.value
  if (!all) return null
  const many = (config.value?.numAgents ?? 1) > 1
  return (
    <Panel name="filters" title={<Term about="filters">Filters and feature maps{many && `, agent ${all.agent}`}</Term>}>
      <FilterPicture of={all.filters} />
      {all.maps ? (
        <>
          <p class="hint">
            What environment {view.value.focus} is now, and what the layers make of it: one map for each channel.
          </p>
          {all.maps.map((map, i) => (
            <MapPicture key={`${i} ${map.name}`} of={map} />
          ))}
        </>
      ) : (
        <p class="hint">Feature maps are made of the policy’s own environments; choose to show the policy above.</p>
      )}
    </Panel>
  )
}

/** A column for each filter, a row for each channel of the observation. */
function FilterPicture({ of }: { of: FeatureMaps['filters'] }) {
  const { kernel, filters, outOf, inputs, values } = of
  const columns = Math.min(filters, 16)
  // [filter][channel] to rows of `columns` filters, channel below channel.
  const count = Math.ceil(filters / columns) * inputs * columns
  const size = kernel * kernel
  const ordered = new Float32Array(count * size).fill(Number.NaN)
  const place = (tile: number): [filter: number, channel: number] => {
    const row = Math.floor(tile / columns)
    return [Math.floor(row / inputs) * columns + (tile % columns), row % inputs]
  }
  for (let tile = 0; tile < count; tile++) {
    const [filter, channel] = place(tile)
    const from = (filter * inputs + channel) * size
    if (filter < filters) ordered.set(values.subarray(from, from + size), tile * size)
  }
  const shown = filters < outOf ? `the first ${filters} of ${outOf} filters` : `${filters} filters`
  return (
    <Picture
      name="filters"
      title={`First layer: ${shown} of ${kernel} × ${kernel}, a column each, a row for each of ${inputs} channels`}
      tiles={{ values: ordered, height: kernel, width: kernel, count, columns }}
      values={values}
      nameOf={(tile) => `filter ${place(tile)[0] + 1}, channel ${place(tile)[1] + 1}`}
    />
  )
}

function MapPicture({ of }: { of: ChannelMaps }) {
  const { name, height, width, channels, values } = of
  const title = `${name}: ${channels} × ${height} × ${width}`
  if (!values) return <p class="hint">{title}, too many numbers to be shown.</p>
  const columns = channels <= 4 ? channels : channels <= 32 ? 8 : 16
  return (
    <Picture
      name={name}
      title={title}
      tiles={{ values, height, width, count: channels, columns }}
      values={values}
      nameOf={(tile) => `channel ${tile + 1}`}
    />
  )
}

interface PictureProps {
  name: string
  title: string
  tiles: Tiles
  /** All numbers of the picture. */
  values: Float32Array
  nameOf: (map: number) => string
}

/** A picture with its scale; pointer or arrow keys choose a number, which is then written. */
function Picture({ name, title, tiles, values, nameOf }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [at, setAt] = useState<Place | null>(null)
  const limit = limitOf(values)
  const [low, high] = rangeOf(values).map(short)
  const size = sizeOfTiles(tiles)
  useEffect(() => paint(canvas.current!, tiles, limit, isDark.value), [values, limit, isDark.value])
  const choose = (next: Place): void => {
    if (next.map < tiles.count && !Number.isNaN(valueAt(tiles, next))) setAt(next)
  }
  const point = ({ currentTarget, offsetX, offsetY }: PointerEvent): void => {
    const { clientWidth, clientHeight } = currentTarget as HTMLElement
    const part = (offset: number, all: number, pixels: number) =>
      Math.min(Math.max(Math.floor((offset / all) * pixels), 0), pixels - 1)
    choose(numberAt(tiles, part(offsetX, clientWidth, size.width), part(offsetY, clientHeight, size.height)))
  }
  const press = (event: KeyboardEvent): void => {
    const by = STEPS[event.key]
    if (!by) return
    event.preventDefault()
    event.stopPropagation() // also while a person plays
    choose(at ? beside(tiles, at, by) : { map: 0, y: 0, x: 0 })
  }
  return (
    <figure data-maps={name} data-limit={limit}>
      <figcaption>
        <span>{title}</span>
        <Scale limit={limit} />
      </figcaption>
      <div class="maps">
        <canvas
          ref={canvas}
          role="img"
          tabIndex={0}
          aria-label={`${title}; from ${low} to ${high}. Arrow keys read single numbers.`}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setAt(null)}
          onKeyDown={press}
          onBlur={() => setAt(null)}
        />
        {at && <Mark tiles={tiles} at={at} />}
      </div>
      <output>{at && `${nameOf(at.map)}, row ${at.y + 1}, column ${at.x + 1}: ${short(valueAt(tiles, at))}`}</output>
    </figure>
  )
}

/** The number that lies beside `at`, in the same map or the next one; at an edge of the picture `at` itself. */
function beside(tiles: Tiles, at: Place, [right, down]: [number, number]): Place {
  const { columns, count, width, height } = tiles
  const x = (at.map % columns) * width + at.x + right
  const y = Math.floor(at.map / columns) * height + at.y + down
  if (x < 0 || y < 0 || x >= columns * width || y >= Math.ceil(count / columns) * height) return at
  return { map: Math.floor(y / height) * columns + Math.floor(x / width), y: y % height, x: x % width }
}

/** A frame around the chosen number. */
function Mark({ tiles, at }: { tiles: Tiles; at: Place }) {
  const size = sizeOfTiles(tiles)
  const [x, y] = pixelOf(tiles, at)
  const part = (n: number, of: number) => `${(100 * n) / of}%`
  const place = { left: part(x, size.width), top: part(y, size.height) }
  return <i aria-hidden="true" style={{ ...place, width: part(1, size.width), height: part(1, size.height) }} />
}

function Scale({ limit }: { limit: number }) {
  const colours = SCALES[isDark.value ? 'dark' : 'light'].map((rgb) => `rgb(${rgb.join()})`).join()
  return (
    <small class="scale">
      {short(-limit)} <i aria-hidden="true" style={{ background: `linear-gradient(90deg,${colours})` }} />{' '}
      {short(limit)}
    </small>
  )
}
