import { describe, expect, it } from 'vitest';
import { listenerAddresses } from '../../../lib/host/listener-address.ts';

describe('listeners', () => {
  it.each([
    [undefined, '127.0.0.1', 8083],
    ['', '127.0.0.1', 8083],
    ['http://:9000', '127.0.0.1', 9000],
    ['http://0.0.0.0:0', '0.0.0.0', 0],
    ['HTTP://localhost', 'localhost', 8083],
    ['http://[::1]:8084', '::1', 8084],
  ])('%s listens on %s, port %i', (listeners, host, port) => {
    const { addresses } = listenerAddresses(listeners === undefined ? {} : { listeners });
    expect(addresses.map((address) => [address.host, address.port])).toEqual([[host, port]]);
  });

  it('knows https, and the listeners of /admin: the same, others, or none', () => {
    expect(listenerAddresses({ listeners: 'https://a:8443' }).addresses).toMatchObject([{ port: 8443, secure: true }]);
    expect(listenerAddresses({}).admin).toBeNull();
    expect(listenerAddresses({ 'admin.listeners': '' }).admin).toEqual([]);
    expect(listenerAddresses({ 'admin.listeners': 'http://b:9' }).admin).toMatchObject([{ host: 'b', port: 9, secure: false }]);
    expect(() => listenerAddresses({ 'admin.listeners': 'b:9' })).toThrow('cannot listen on b:9 (admin.listeners): ');
  });

  it('takes several, and tells a given one from the default', () => {
    expect(listenerAddresses({ listeners: 'http://a:1, http://b:2' })).toMatchObject({
      given: true,
      addresses: [{ host: 'a' }, { host: 'b' }],
    });
    expect(listenerAddresses({}).given).toBe(false);
  });

  it.each(['127.0.0.1:8083', 'http://a:70000', 'http://a:b', 'ftp://a:1'])('refuses %s, naming it', (listeners) => {
    expect(() => listenerAddresses({ listeners })).toThrow(`cannot listen on ${listeners} (listeners): `);
  });
});
