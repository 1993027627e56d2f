-- What the page shows, and no more: web needs no right to what the worker keeps.
CREATE ROLE [album_reader];
GO
GRANT SELECT ON [dbo].[Album] TO [album_reader];
GO
GRANT SELECT ON [dbo].[Artist] TO [album_reader];
GO
