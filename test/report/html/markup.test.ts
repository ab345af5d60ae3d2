// The one gate that text of users passes on its way into a page.
import { describe, expect, it } from 'vitest';
import { dataBlock, html, type Piece, verbatim } from '../../../compiler/report/html/markup.ts';

describe('html', () => {
  it('escapes what stands between elements and in attributes', () => {
    const hostile = `</p><script>alert("1")</script> & 'x'`;
    expect(html`<p title="${hostile}">${hostile}</p>`.markup).toBe(
      '<p title="&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;">' +
        '&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;</p>',
    );
  });

  it('keeps markup as it is, also in lists, and writes nothing for what is not there', () => {
    const items: Piece[] = ['<', html`<b>${1}</b>`, undefined, false];
    expect(html`<p>${items}${verbatim('<hr>')}</p>`.markup).toBe('<p>&lt;<b>1</b><hr></p>');
  });

  it('shows characters that cannot be seen or turn text around', () => {
    expect(html`${'a\0b\u202ec\u2066d\x1be\tf\n'}`.markup).toBe(
      'a\ufffdb\ufffdc\ufffdd\ufffde\tf\n',
    );
  });
});

describe('data for the script', () => {
  const data = { name: '</script><!-- \u2028 &amp;', '<key>': [1n.toString(), '\u2029'] };
  const block = dataBlock('data', data).markup;

  it('is read back as it was', () => {
    expect(JSON.parse(block.replace(/<.*?>/g, ''))).toEqual(data);
  });

  it('has nothing in it that could end or begin an element', () => {
    expect(block.match(/[<>&\u2028\u2029]/g)).toEqual(['<', '>', '<', '>']);
  });
});
