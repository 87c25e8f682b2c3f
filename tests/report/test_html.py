"""Filters of the templates."""

from meta_noise.report.html import _whole


def test_options_stay_in_one_line_and_texts_are_escaped():
    found = str(_whole("<b onclick='x'> & (--trusted), a--b"))
    assert found.startswith("&lt;b onclick=&#39;x&#39;&gt; &amp; (")
    assert '(<span class="whole">--trusted</span>), ' in found
