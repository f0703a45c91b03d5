import { describe, expect, it } from 'vitest';
import { deviceText, grantText, methodText } from './account-text.ts';

describe('words on the page of the account', () => {
  it('says where a role holds', () => {
    expect(grantText({ role: 'OPERATOR_ADMIN', tenant: '*', site: null })).toBe('operator admin, everywhere');
    expect(grantText({ role: 'TECHNICIAN', tenant: 'acme', site: 'acme.north' })).toBe('technician, acme.north');
  });

  it('says how one has logged in', () => {
    expect(methodText('password+totp')).toBe('password and authenticator app');
    expect(methodText('saml')).toBe('saml');
  });

  it('knows browsers by what they call themselves, not by what they want to be taken for', () => {
    const chrome =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36';
    expect(deviceText(chrome)).toBe('Chrome on Linux');
    expect(deviceText(`${chrome} Edg/143.0.0.0`)).toBe('Edge on Linux');
    expect(
      deviceText(
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      ),
    ).toBe('Safari on iOS');
    expect(deviceText('Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0')).toBe(
      'Firefox on Windows',
    );
    expect(deviceText('curl/8.9.1')).toBe('curl');
    expect(deviceText('')).toBe('Unknown program');
  });
});
