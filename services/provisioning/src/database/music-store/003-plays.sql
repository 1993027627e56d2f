-- What the worker counts and the nightly report tells. Each has a role for its own part of it, and no other right.
CREATE TABLE [dbo].[Play] (
  [PlayId] bigint IDENTITY(1, 1) NOT NULL,
  [AlbumId] int NOT NULL,
  [PlayedAt] datetime2 NOT NULL CONSTRAINT [DF_Play_PlayedAt] DEFAULT SYSUTCDATETIME(),
  CONSTRAINT [PK_Play] PRIMARY KEY ([PlayId]),
  CONSTRAINT [FK_Play_Album] FOREIGN KEY ([AlbumId]) REFERENCES [dbo].[Album] ([AlbumId])
);
GO

CREATE INDEX [IX_Play_AlbumId] ON [dbo].[Play] ([AlbumId]);
GO

CREATE TABLE [dbo].[PlayCount] (
  [AlbumId] int NOT NULL,
  [Plays] int NOT NULL,
  [CountedAt] datetime2 NOT NULL,
  CONSTRAINT [PK_PlayCount] PRIMARY KEY ([AlbumId]),
  CONSTRAINT [FK_PlayCount_Album] FOREIGN KEY ([AlbumId]) REFERENCES [dbo].[Album] ([AlbumId])
);
GO

INSERT INTO [dbo].[Play] ([AlbumId]) VALUES (1), (1), (1), (2), (2), (5), (8), (8), (8), (8), (13), (21);
GO

CREATE ROLE [play_counter];
GO
GRANT SELECT ON [dbo].[Play] TO [play_counter];
GO
GRANT SELECT, INSERT, UPDATE ON [dbo].[PlayCount] TO [play_counter];
GO

CREATE ROLE [report_reader];
GO
GRANT SELECT ON [dbo].[PlayCount] TO [report_reader];
GO
GRANT SELECT ON [dbo].[Album] TO [report_reader];
GO
GRANT SELECT ON [dbo].[Artist] TO [report_reader];
GO
