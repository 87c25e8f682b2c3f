"""What a run wrote, as tables, pictures and a page; never imports training code."""
