/** The browser, as results name it: `Chrome/156.0.1234.5`, as the commands do. */

interface Brands {
  getHighEntropyValues(hints: string[]): Promise<{ fullVersionList?: { brand: string; version: string }[] }>
}

export async function browserName(): Promise<string> {
  const { userAgent, userAgentData } = navigator as Navigator & { userAgentData?: Brands }
  const asked = await userAgentData?.getHighEntropyValues(['fullVersionList']).catch(() => undefined)
  const chromium = asked?.fullVersionList?.find(({ brand }) => brand === 'Chromium')
  if (chromium) return `Chrome/${chromium.version}`
  const [, name, version] = /(Firefox|Version|Chrome)\/([\d.]+)/.exec(userAgent) ?? []
  return name ? `${name === 'Version' ? 'Safari' : name}/${version}` : 'unnamed browser'
}
