-- The music store: what the web service reads. Tables and columns that it names are those of the Chinook database too.
CREATE TABLE [dbo].[Artist] (
  [ArtistId] int NOT NULL,
  [Name] nvarchar(120) NOT NULL,
  CONSTRAINT [PK_Artist] PRIMARY KEY ([ArtistId])
);
GO

CREATE TABLE [dbo].[Album] (
  [AlbumId] int NOT NULL,
  [Title] nvarchar(160) NOT NULL,
  [ArtistId] int NOT NULL,
  [ReleaseYear] smallint NOT NULL,
  CONSTRAINT [PK_Album] PRIMARY KEY ([AlbumId]),
  CONSTRAINT [FK_Album_Artist] FOREIGN KEY ([ArtistId]) REFERENCES [dbo].[Artist] ([ArtistId])
);
GO

CREATE INDEX [IX_Album_ArtistId] ON [dbo].[Album] ([ArtistId]);
GO

CREATE TABLE [dbo].[Track] (
  [TrackId] int NOT NULL,
  [AlbumId] int NOT NULL,
  [Name] nvarchar(200) NOT NULL,
  CONSTRAINT [PK_Track] PRIMARY KEY ([TrackId]),
  CONSTRAINT [FK_Track_Album] FOREIGN KEY ([AlbumId]) REFERENCES [dbo].[Album] ([AlbumId])
);
GO

CREATE INDEX [IX_Track_AlbumId] ON [dbo].[Track] ([AlbumId]);
GO
