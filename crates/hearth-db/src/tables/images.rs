//! Pictures in posts. Whoever asks for a post asks for its pictures without their bytes; those are read one at a time.
//!
//! The states of a picture go with the rows of others: with a post it is shown and goes when that is buried, with a
//! removal it is withheld and goes with it, and so on. The files of those tables call what stands below.

use crate::{
    DbConn, Result, Time, Tx,
    column::Opt,
    schema::images::{self, dsl},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    id::{AccountId, ImageId, PostId},
    image::ImageState,
};
use std::collections::HashMap;

row! {
    /// A picture with its bytes.
    Image in images {
        /// Id.
        id: ImageId as i64,
        /// Where it stands.
        state: ImageState as String,
        /// The number of its post, or of its planned post; none while it waits.
        belongs_to: Option<i64>,
        /// Who sent it, while it waits. Afterwards nothing says that.
        account_id: Option<AccountId> as Opt<AccountId>,
        /// Its place among the pictures of its post.
        position: i32,
        /// What it is, as it is sent to browsers.
        media_type: String,
        /// Points across; 0 for one of another server.
        width: i32,
        /// Points down.
        height: i32,
        /// What it shows, in words.
        description: String,
        /// Where it is, for one of another server: a link that nothing here ever follows.
        url: Option<String>,
        /// When it was sent, or came into its post.
        created_at: Time,
        /// The picture; nothing for one of another server.
        bytes: Vec<u8>,
    }
}

/// A picture without its bytes.
#[derive(Clone, PartialEq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = images)]
pub struct Picture {
    /// Id.
    #[diesel(deserialize_as = i64)]
    pub id: ImageId,
    /// Where it stands.
    #[diesel(deserialize_as = String)]
    pub state: ImageState,
    /// The number of its post, or of its planned post.
    pub belongs_to: Option<i64>,
    /// Who sent it, while it waits.
    #[diesel(deserialize_as = Opt<AccountId>)]
    pub account_id: Option<AccountId>,
    /// What it is.
    pub media_type: String,
    /// Points across.
    pub width: i32,
    /// Points down.
    pub height: i32,
    /// What it shows.
    pub description: String,
    /// Where it is, for one of another server.
    pub url: Option<String>,
}

/// One, without its bytes.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, id: ImageId) -> Result<Option<Picture>> {
    Ok(dsl::images.find(id.get()).select(Picture::as_select()).first(connection).optional()?)
}

/// The bytes of one.
///
/// # Errors
/// Database errors.
pub fn bytes(connection: &mut DbConn, id: ImageId) -> Result<Option<Vec<u8>>> {
    Ok(dsl::images.find(id.get()).select(dsl::bytes).first(connection).optional()?)
}

/// Those of one post, planned post or held post, in their order.
///
/// # Errors
/// Database errors.
pub fn of(connection: &mut DbConn, state: ImageState, belongs_to: i64) -> Result<Vec<Picture>> {
    Ok(dsl::images
        .filter(dsl::belongs_to.eq(belongs_to))
        .filter(dsl::state.eq(state.as_str()))
        .order((dsl::position, dsl::id))
        .select(Picture::as_select())
        .load(connection)?)
}

/// Those of posts that are there, each in its order.
///
/// # Errors
/// Database errors.
pub fn of_posts(connection: &mut DbConn, posts: &[PostId]) -> Result<HashMap<PostId, Vec<Picture>>> {
    let mut found: HashMap<PostId, Vec<Picture>> = HashMap::new();
    let posts: Vec<i64> = posts.iter().map(|id| id.get()).collect();
    let all: Vec<Picture> = dsl::images
        .filter(dsl::belongs_to.eq_any(posts))
        .filter(dsl::state.eq(ImageState::Shown.as_str()))
        .order((dsl::position, dsl::id))
        .select(Picture::as_select())
        .load(connection)?;
    for picture in all {
        if let Some(post) = picture.belongs_to.and_then(|id| PostId::try_from(id).ok()) {
            found.entry(post).or_default().push(picture);
        }
    }
    Ok(found)
}

/// Those of an account that wait for their posts, oldest first.
///
/// # Errors
/// Database errors.
pub fn waiting_of(connection: &mut DbConn, account: AccountId) -> Result<Vec<Picture>> {
    Ok(dsl::images
        .filter(dsl::account_id.eq(account.get()))
        .filter(dsl::state.eq(ImageState::Waiting.as_str()))
        .order((dsl::created_at, dsl::id))
        .select(Picture::as_select())
        .load(connection)?)
}

/// Puts one in its place. From then on nothing says who sent it, or when.
///
/// # Errors
/// Database errors.
pub fn place(
    tx: &mut Tx<'_>,
    id: ImageId,
    (state, belongs_to): (ImageState, i64),
    (position, description): (i32, &str),
    now: Time,
) -> Result<()> {
    diesel::update(dsl::images.find(id.get()))
        .set((
            dsl::state.eq(state.as_str()),
            dsl::belongs_to.eq(Some(belongs_to)),
            dsl::account_id.eq(None::<i64>),
            dsl::position.eq(position),
            dsl::description.eq(description),
            dsl::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Makes a second one of the same bytes: new words of a post have their own, until they are shown.
///
/// # Errors
/// Database errors.
pub fn copy(tx: &mut Tx<'_>, from: ImageId, to: ImageId) -> Result<()> {
    let row: Option<Image> = dsl::images.find(from.get()).select(Image::as_select()).first(&mut **tx).optional()?;
    match row {
        Some(row) => Image { id: to, ..row }.insert(tx),
        None => Ok(()),
    }
}

/// All of one post go from one state to another.
///
/// # Errors
/// Database errors.
pub fn change_state(tx: &mut Tx<'_>, belongs_to: i64, from: ImageState, to: ImageState) -> Result<()> {
    let all = dsl::images.filter(dsl::belongs_to.eq(belongs_to)).filter(dsl::state.eq(from.as_str()));
    diesel::update(all).set(dsl::state.eq(to.as_str())).execute(&mut **tx)?;
    Ok(())
}

/// Gives those of a planned post back to who planned it.
///
/// # Errors
/// Database errors.
pub fn give_back(tx: &mut Tx<'_>, planned: i64, account: AccountId) -> Result<()> {
    let all = dsl::images.filter(dsl::belongs_to.eq(planned)).filter(dsl::state.eq(ImageState::Planned.as_str()));
    let waits = (
        dsl::state.eq(ImageState::Waiting.as_str()),
        dsl::belongs_to.eq(None::<i64>),
        dsl::account_id.eq(Some(account.get())),
    );
    diesel::update(all).set(waits).execute(&mut **tx)?;
    Ok(())
}

/// Takes one away.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: ImageId) -> Result<()> {
    diesel::delete(dsl::images.find(id.get())).execute(&mut **tx)?;
    Ok(())
}

/// Takes all of one post away that stand so.
///
/// # Errors
/// Database errors.
pub fn delete_of(tx: &mut Tx<'_>, state: ImageState, belongs_to: i64) -> Result<()> {
    let all = dsl::images.filter(dsl::belongs_to.eq(belongs_to)).filter(dsl::state.eq(state.as_str()));
    diesel::delete(all).execute(&mut **tx)?;
    Ok(())
}

/// The same for all rows whose numbers `$numbers` selects: before they go themselves.
macro_rules! delete_with {
    ($tx:expr, $state:expr, $numbers:expr) => {{
        use crate::schema::images;
        let all = images::table
            .filter(images::state.eq($state.as_str()))
            .filter(images::belongs_to.eq_any($numbers.nullable()));
        diesel::delete(all).execute(&mut **$tx)
    }};
}
pub(crate) use delete_with;

/// Forgets what waits since before `before`: its post was never sent.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    let old = dsl::images.filter(dsl::state.eq(ImageState::Waiting.as_str())).filter(dsl::created_at.lt(before));
    Ok(diesel::delete(old).execute(&mut **tx)?)
}
