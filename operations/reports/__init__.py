"""What a preview says to people: the report and its forms, as Markdown, as a page. No outside world here."""
