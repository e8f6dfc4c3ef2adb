//! Pictures: sent before the post they are for, and had by whoever may see it.
//!
//! Must never answer for one that the caller may not see in another way than for one that is not there.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Visitor, Writer},
    created,
    post::PostDocument,
    problem::ApiError,
};
use crate::upload::{LONGEST, TURN};
use actix_web::{
    HttpResponse,
    http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY},
    web,
};
use hearth_actions::{ActionError, image};
use hearth_db::{
    DbConn,
    tables::images::{self, Picture},
};
use hearth_domain::{id::PostId, image::MOST_SENT};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use utoipa::ToSchema;

const BUSY: ApiError = ApiError::Unreadable("The picture took too long to come in. Send it again in a minute.");

/// A picture of a post.
#[derive(Serialize, ToSchema)]
pub(super) struct ImageDocument {
    /// Its id, for `GET /images/{id}`; none for one that lies on another server.
    id: Option<String>,
    /// What it shows, for who can't see it.
    description: String,
    /// Its media type; none for one that lies on another server.
    media_type: Option<String>,
    /// Points across.
    width: Option<i32>,
    /// Points down.
    height: Option<i32>,
    /// Where it lies, on another server. Whoever follows that tells the other server so.
    elsewhere: Option<String>,
}

impl From<Picture> for ImageDocument {
    fn from(picture: Picture) -> Self {
        let here = picture.url.is_none();
        Self {
            id: here.then(|| picture.id.to_string()),
            description: picture.description,
            media_type: here.then_some(picture.media_type),
            width: here.then_some(picture.width),
            height: here.then_some(picture.height),
            elsewhere: picture.url,
        }
    }
}

/// A picture for a post.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ImageBody {
    /// Its id: from `POST /images`, or that of a picture which the post has.
    #[schema(required)]
    id: String,
    /// What it shows, for who can't see it; 1,500 characters at most.
    #[schema(required)]
    description: String,
}

/// The pictures of a body, for the action.
pub(super) fn forms(sent: Vec<ImageBody>) -> Vec<image::ImageForm> {
    sent.into_iter().map(|one| image::ImageForm { id: one.id, description: one.description }).collect()
}

/// Puts the pictures of posts into their documents.
pub(super) fn fill<'d>(
    connection: &mut DbConn,
    documents: impl Iterator<Item = &'d mut PostDocument>,
) -> Result<(), ActionError> {
    let mut all: Vec<(PostId, &mut PostDocument)> =
        documents.filter_map(|one| Some((one.id.parse().ok()?, one))).collect();
    let ids: Vec<PostId> = all.iter().map(|(id, _)| *id).collect();
    let mut known = images::of_posts(connection, &ids)?;
    for (id, document) in &mut all {
        document.images = known.remove(id).unwrap_or_default().into_iter().map(Into::into).collect();
    }
    Ok(())
}

/// Sends a picture, as the bytes of its file: JPEG, PNG, WebP or GIF, 10 MB and 25 million points at most. It is made
/// anew without anything else that the file holds, and waits a day for a post of the caller's that names it.
#[utoipa::path(post, path = "/images", tag = "posts",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The picture.", body = ImageDocument)))]
pub(super) async fn send_image(state: State, me: Writer, body: Body) -> Answer {
    let place = timeout(TURN, state.uploads.clone().acquire_owned()).await.map_err(|_| BUSY)?;
    let bytes = timeout(LONGEST, body.file(MOST_SENT)).await.map_err(|_| BUSY)??;
    let picture = state.act(move |app| image::keep(app, me.id(), None, bytes)).await?;
    drop(place);
    Ok(created(&format!("/images/{}", picture.id), ImageDocument::from(picture)))
}

/// A picture, for whoever may see the post it is in.
#[utoipa::path(get, path = "/images/{id}", tag = "posts",
    responses((status = 200, description = "The file.", content_type = "image/jpeg", body = Vec<u8>)))]
pub(super) async fn get_image(state: State, visitor: Visitor, path: web::Path<String>) -> Answer {
    let id = body::id(&path)?;
    let seen = state
        .run(move |app| {
            app.db.read(|c| {
                let own = visitor.own(c)?;
                image::seen(c, &own.reader, own.account, id)
            })
        })
        .await?;
    let (kind, name) =
        if seen.media_type == "image/png" { ("image/png", "picture.png") } else { ("image/jpeg", "picture.jpg") };
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(seen.bytes))
}
